// The tracking script. Edit this file, then run
//
//	go generate ./affiliatehttp/script
//
// which writes affiliate.min.js, the file that is served. The server puts
// `const affiliateConfig = {...}` in front of it and catches what it throws while
// it starts; see script.go.
//
// It must never break a page: nothing here throws into it, waits for anything,
// or needs what a strict Content-Security-Policy forbids.

/* global affiliateConfig */
const config = affiliateConfig;
const COOKIE = config.cookie;

const PARAM = "client_reference_id";
const ATTRIBUTE = "client-reference-id";
const TARGETS = ":any-link,stripe-buy-button,stripe-pricing-table";
const CODE = /^[\w-]{1,64}$/; // a referral code; Stripe takes these characters as a reference
const ID = /^[\w.~-]{1,1024}$/; // a click, or a token that proves one
const VISITOR = /^[\w-]{16,64}$/;
const TEXT = /^[^\0-\x1f\x7f]{1,255}$/; // a campaign or sub id

// quietly runs what a browser may forbid, and returns nothing if it does.
const quietly = (run) => {
	try {
		return run();
	} catch {
		// then there is nothing
	}
};

// matching returns the value as text if it is what it should be, else undefined.
const matching = (pattern, value) => (pattern.exec(value || "") || [])[0];

// What the address says is read at once: an application may rewrite it before
// the visitor consents.
const { origin, pathname, search, hostname, protocol } = location;
const query = new URLSearchParams(search);
const base = new URL(config.api + "v1/track/", (document.currentScript || {}).src || location);

// What is kept of a visitor: r is the referral code, c the click, k the token that
// proves it where the server's cookie does not arrive, v the visitor, p a click
// that could not be delivered, and t when that was.
let state = {};
let granted = !config.consent;

const api = {
	// ready calls fn with this object once the server has answered, or will not.
	ready(fn) {
		settled.then(fn);
	},

	// signup tells who the visitor is. Its promise says whether that was taken,
	// and never fails.
	signup(customerKey, email) {
		return report("lead", () => customerKey && typeof customerKey !== "object" && { customer_key: String(customerKey), email: email || undefined });
	},

	// track reports one of the events that the server allows.
	track(name) {
		return report("event", () => config.tracks.includes(name) && { name });
	},

	// consent(true) lets the script begin, anything else makes it forget.
	consent(given) {
		if (given !== true) {
			granted = false;
			if (state.v) forget();
		} else if (!granted) {
			granted = true;
			settled = start();
		}
		return settled;
	},
};

let settled = Promise.resolve(api); // until the click of this page is settled

// ---- Requests

// send posts a body; without one it deletes. It is async so that it fails by its
// promise only.
const send = async (path, body) =>
	fetch(base + path, {
		method: body ? "POST" : "DELETE",
		body: JSON.stringify(body),
		headers: { "Content-Type": "application/json" },
		credentials: "include",
		keepalive: true, // the page may go away meanwhile
	});

// report sends what describe returns, with the click; nothing else is sent without
// consent. Where nothing was sent there is no answer, which is false as well.
const report = (path, describe) =>
	settled
		.then(() => granted && describe())
		.then((body) => body && send(path, { ...body, click_id: state.k || state.c, visitor_id: state.v }))
		.then((answer) => !!answer.ok)
		.catch(() => false);

// click returns what the address tells of a click, or nothing. Of the page's own
// query only the click id and utm_* are sent: it may hold secrets.
const click = () => {
	const tag = (name) => matching(TEXT, query.get(name));
	const body = {
		url: origin + pathname + "?" + search.slice(1).split("&").filter((pair) => /^utm_/.test(pair) || pair.startsWith(config.click + "=")).join("&"),
		referrer: document.referrer.split(/[?#]/)[0],
		visitorId: state.v || crypto.getRandomValues(new Uint32Array(4)).join("-"),
	};
	if (matching(ID, query.get(config.click))) return body;
	body.aff = config.params.map((name) => matching(CODE, query.get(name))).find((code) => code);
	body.campaignId = tag("campaignId");
	for (let i = 1; i <= 30; i++) {
		const name = "sub" + i;
		if (tag(name)) body.sub = { ...body.sub, [name]: tag(name) };
	}
	return (body.aff || body.campaignId || body.sub) && body;
};

// deliver sends a click. An answer without a click id means that the value was
// somebody else's: nothing is kept of it. A click that does not arrive is tried
// again on the next page.
const deliver = (body) =>
	send("click", body)
		.then((answer) => {
			if (answer.status > 428) throw answer;
			return answer.ok ? answer.json() : {};
		})
		.then(({ clickId, referral, visitorId, token }) => {
			const { p, t, ...kept } = state;
			const c = matching(ID, clickId);
			if (!granted) forget();
			else if (c) save({ r: matching(CODE, referral), c, k: matching(ID, token), v: matching(VISITOR, visitorId) || body.visitorId });
			else if (p) save(kept);
		})
		.catch(() => {
			if (granted) save({ ...state, v: body.visitorId, p: body, t: Date.now() });
		});

// start records the click of this page, if there is one, or else one of the last
// day that could not be delivered; in a frame nobody has clicked. Its promise is
// fulfilled once that is settled, or takes longer than five seconds.
const start = () => {
	const body = quietly(() => granted && self === top && !document.prerendering && (click() || (Date.now() - state.t < 864e5 && state.p)));
	return Promise.race([body && deliver(body), body && new Promise((done) => setTimeout(done, 5e3))]).then(() => api);
};

// ---- Storage

// write sets the cookie, for the widest domain that a cookie may have here
// (browsers refuse those that belong to many, like co.uk), and reports whether
// the browser kept it.
const write = (text) => {
	const labels = hostname.split(".");
	const set = (name, value, age, domain) => {
		document.cookie = name + "=" + value + ";path=/;samesite=lax;max-age=" + age + domain + (protocol === "https:" ? ";secure" : "");
		return document.cookie.includes(name + "=" + value);
	};
	const domain = [config.domain, ...labels.map((_, i) => labels.slice(-i - 2).join("."))]
		.map((name) => name && ";domain=" + name)
		.find((domain) => domain && set(COOKIE + "_probe", 1, 9, domain) && !set(COOKIE + "_probe", "", 0, domain));
	return set(COOKIE, text, text ? config.age : 0, domain || "");
};

// save keeps a state, or with nothing in it, forgets it.
const save = (next) => {
	const text = next.v ? encodeURIComponent(JSON.stringify(next)) : "";
	const kept = quietly(() => write(text));
	quietly(() => localStorage[kept || !text ? "removeItem" : "setItem"](COOKIE, text));
	use(next);
};

// forget also asks the server to drop the cookies that a script cannot see.
const forget = () => {
	save({});
	send("click").catch(() => {});
};

// load returns what was kept, or nothing. It may have been tampered with. Where a
// browser drops what scripts store after a week, the server's readable cookie is
// still there.
const load = () => {
	const cookie = (name) => ("; " + document.cookie).split("; " + name + "=")[1].split(";")[0];
	const parse = (read) => quietly(() => JSON.parse(decodeURIComponent(read())));
	const lasting = () => {
		const said = new URLSearchParams(cookie(config.server));
		return { r: said.get("referral"), c: said.get("click"), v: said.get("visitor") };
	};
	const kept = parse(() => cookie(COOKIE)) || parse(() => localStorage.getItem(COOKIE)) || quietly(lasting) || {};
	return { ...kept, r: matching(CODE, kept.r), c: matching(ID, kept.c), k: matching(ID, kept.k), v: matching(VISITOR, kept.v) };
};

const use = (next) => {
	const before = api.referral;
	state = next;
	api.referral = next.r || null;
	api.clickId = next.c || null;
	api.visitorId = next.v || null;
	if (before || next.r) quietly(watch);
};

// ---- Payment links and buttons

// ours is which reference this script put on which element; any other is the
// page's own and stays.
const ours = new WeakMap();

const mark = (element) =>
	quietly(() => {
		if (!element.matches(TARGETS)) return;
		const code = api.referral;
		const url = element.href && new URL(element.href);
		const now = url ? url.searchParams.get(PARAM) : element.getAttribute(ATTRIBUTE);
		if (now === code || (now !== null && now !== ours.get(element))) return;
		if (!url) {
			if (code) element.setAttribute(ATTRIBUTE, code);
			else element.removeAttribute(ATTRIBUTE);
		} else if (config.hosts.includes(url.hostname)) {
			// Only text is added or cut off: everything else stays byte for byte.
			const rest = url.search.replace(RegExp("[?&]" + PARAM + "=[^&]*"), "");
			url.search = code ? rest + (rest && "&") + PARAM + "=" + code : rest;
			element.href = url;
		}
		ours.set(element, code);
	});

const scan = (node) => {
	mark(node);
	quietly(() => node.querySelectorAll(TARGETS).forEach(mark)); // texts have none
};

const observer = new MutationObserver((records) =>
	records.forEach(({ target, addedNodes }) => {
		mark(target);
		addedNodes.forEach(scan);
	}),
);

// watch marks what is there and what comes later. Observing twice is observing
// once.
const watch = () => {
	observer.observe(document, { subtree: true, childList: true, attributeFilter: ["href"] });
	scan(document);
};

// A link in a shadow tree is marked when it is used.
const used = (event) => event.composedPath().forEach(mark);

// ---- Begin

const begin = () => {
	use(load());
	if (state.v) granted = true; // nothing is ever kept without consent
	return start();
};

// A second copy of the script does nothing. Aliases that another script has
// taken are left to it. A page that is loaded in advance waits to be seen.
if (!(window[config.global] || {}).signup) {
	window[config.global] = api;
	config.aliases.forEach((alias) => {
		window[alias] = window[alias] || api;
	});
	["click", "pointerdown"].forEach((type) => document.addEventListener(type, used, true));
	use(state);
	settled = document.prerendering ? new Promise((done) => document.addEventListener("prerenderingchange", done)).then(begin) : begin();
}
