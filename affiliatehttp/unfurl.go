package affiliatehttp

import "strings"

// isUnfurler reports whether the user agent is one of the programs that fetch
// links to show or index them. Most say where to read about them, which no
// browser does. In-app browsers, which carry the name of their app, are
// visitors, and so is a phone of the brand Cubot.
func isUnfurler(userAgent string) bool {
	agent := strings.ToLower(userAgent)
	for _, name := range []string{"whatsapp/", "viber/", "tumblr/"} {
		if strings.HasPrefix(agent, name) {
			return true
		}
	}
	for _, mark := range []string{
		"+http", "bot/", "crawler", "spider", "slackbot", "slack-imgproxy", "twitterbot", "facebookexternalhit", "facebot",
		"facebookcatalog", "meta-externalagent", "telegrambot", "discordbot", "linkedinbot", "skypeuripreview", "microsoftpreview",
		"pinterestbot", "redditbot", "vkshare", "iframely", "embedly", "bitlybot", "cardyb", "googlebot", "google-inspectiontool",
		"google-read-aloud", "google-pagerenderer", "apis-google", "bingbot", "bingpreview", "applebot", "yandexbot", "yandex.com/bots",
		"baiduspider", "duckduckbot", "slurp", "ia_archiver", "petalbot", "quora link preview", "rogerbot", "flipboardproxy",
		"w3c_validator", "headlesschrome", "lighthouse", "mastodon/", "bluesky cardyb", "zoominfobot", "semrushbot", "ahrefsbot",
	} {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}
