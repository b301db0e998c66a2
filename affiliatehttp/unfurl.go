package affiliatehttp

import "strings"

// isUnfurler reports whether the user agent is one of the programs that fetch
// links to show or index them. Most say where to read about them, which no
// browser does. In-app browsers, which carry the name of their app, are
// visitors, and so is a phone of the brand Cubot.
func isUnfurler(userAgent string) bool {
	agent := strings.ToLower(userAgent)
	switch {
	case strings.HasPrefix(agent, "whatsapp/"), strings.HasPrefix(agent, "viber/"), strings.HasPrefix(agent, "tumblr/"):
		return true
	case containsAny(agent, "+http", "crawler", "spider", "slack-imgproxy", "meta-externalagent", "vkshare", "iframely", "embedly",
		"cardyb", "slurp", "ia_archiver", "flipboardproxy", "w3c_validator", "headlesschrome", "lighthouse", "mastodon/"):
		return true
	}
	// Of those whose names have a part in common that part is looked for first.
	return strings.Contains(agent, "bot") && containsAny(agent, "bot/", "slackbot", "twitterbot", "telegrambot", "discordbot",
		"linkedinbot", "pinterestbot", "redditbot", "bitlybot", "googlebot", "bingbot", "applebot", "yandexbot", "yandex.com/bots",
		"duckduckbot", "petalbot", "rogerbot", "zoominfobot", "semrushbot", "ahrefsbot") ||
		strings.Contains(agent, "face") && containsAny(agent, "facebookexternalhit", "facebookcatalog", "facebot") ||
		strings.Contains(agent, "preview") && containsAny(agent, "skypeuripreview", "microsoftpreview", "bingpreview", "quora link preview") ||
		strings.Contains(agent, "google") && containsAny(agent, "google-inspectiontool", "google-read-aloud", "google-pagerenderer", "apis-google")
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
