package ui

import "html/template"

// icon is a drawing of 24 by 24 in the color of the text around it. It says
// nothing that the text does not.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" ` + //nolint:gosec // constants
		`stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">` + paths(name) + `</svg>`)
}

func paths(name string) string {
	switch name {
	case "home":
		return `<path d="M3 11l9-8 9 8v9a1 1 0 0 1-1 1h-5v-7H9v7H4a1 1 0 0 1-1-1z"/>`
	case "link":
		return `<path d="M10 14a5 5 0 0 0 7.1 0l3-3a5 5 0 0 0-7.1-7.1l-1 1"/><path d="M14 10a5 5 0 0 0-7.1 0l-3 3a5 5 0 0 0 7.1 7.1l1-1"/>`
	case "tag":
		return `<path d="M20.6 13.4l-7.2 7.2a2 2 0 0 1-2.8 0L3 13V3h10l7.6 7.6a2 2 0 0 1 0 2.8z"/><circle cx="7.5" cy="7.5" r="1"/>`
	case "coins":
		return `<circle cx="9" cy="9" r="6"/><path d="M17.5 10.2A6 6 0 1 1 10 17.6"/><path d="M9 6.5v5M7.5 9h3"/>`
	case "chart":
		return `<path d="M4 20V10M10 20V4M16 20v-7M21 20H3"/>`
	case "wallet":
		return `<path d="M20 7V5a1 1 0 0 0-1-1H5a2 2 0 0 0 0 4h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a2 2 0 0 1-2-2V6"/><path d="M17 14h.01"/>`
	case "grid":
		return `<rect x="3" y="3" width="7" height="7" rx="1.5"/><rect x="14" y="3" width="7" height="7" rx="1.5"/><rect x="3" y="14" width="7" height="7" rx="1.5"/><rect x="14" y="14" width="7" height="7" rx="1.5"/>`
	case "gear":
		return `<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/>`
	case "users":
		return `<circle cx="9" cy="8" r="4"/><path d="M2 21v-1a6 6 0 0 1 6-6h2a6 6 0 0 1 6 6v1"/><path d="M16 4.3a4 4 0 0 1 0 7.4M18 14.3a6 6 0 0 1 4 5.7v1"/>`
	case "copy":
		return `<rect x="9" y="9" width="12" height="12" rx="2"/><path d="M5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1"/>`
	case "check":
		return `<path d="M5 12.5l4.5 4.5L19 7.5"/>`
	case "alert":
		return `<path d="M12 8v5M12 16.5h.01"/><circle cx="12" cy="12" r="9"/>`
	case "download":
		return `<path d="M12 4v11M7.5 11L12 15.5 16.5 11M4 20h16"/>`
	case "print":
		return `<path d="M7 9V3h10v6M7 18H4a1 1 0 0 1-1-1v-6a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v6a1 1 0 0 1-1 1h-3"/><path d="M7 15h10v6H7z"/>`
	case "sun":
		return `<circle cx="12" cy="12" r="4"/><path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1"/>`
	case "moon":
		return `<path d="M20.5 14.2A8.5 8.5 0 0 1 9.8 3.5a8.5 8.5 0 1 0 10.7 10.7z"/>`
	case "screen":
		return `<rect x="3" y="4" width="18" height="13" rx="2"/><path d="M9 21h6M12 17v4"/>`
	case "arrow":
		return `<path d="M5 12h14M13 6l6 6-6 6"/>`
	case "back":
		return `<path d="M19 12H5M11 6l-6 6 6 6"/>`
	case "out":
		return `<path d="M10 4H5a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h5M16 8l4 4-4 4M20 12H9"/>`
	case "plus":
		return `<path d="M12 5v14M5 12h14"/>`
	case "calendar":
		return `<rect x="3" y="5" width="18" height="16" rx="2"/><path d="M3 10h18M8 3v4M16 3v4"/>`
	case "rise":
		return `<path d="M3 17l6-6 4 4 8-8M15 7h6v6"/>`
	default:
		return `<circle cx="12" cy="12" r="8"/>`
	}
}
