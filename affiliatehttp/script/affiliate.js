// The tracking script. Edit this file, then run
//
//	go generate ./affiliatehttp/script
//
// which writes affiliate.min.js, the file that is served. The server puts
// `const config = {...}` in front of it and catches what it throws while it
// starts; see script.go, and config.go for what the settings are.
//
// It must never break a page: nothing here throws into it, waits for anything,
// or needs what a strict Content-Security-Policy forbids.

/* global config */
const { g: GLOBAL, a: ALIASES, p: PARAMS, i: CLICK, w: WAITS, c: COOKIE, s: SERVER, d: DOMAIN, m: AGE, h: HOSTS, b: BASE, e: EVENTS } = config;
const page = document;
const here = location;

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
const { origin, pathname, search } = here;
const query = new URLSearchParams(search);
const base = new URL(BASE + "v1/track/", (page.currentScript || {}).src || here);

// What is kept of a visitor: r is the referral code, c the click, k the token that
// proves it where the server's cookie does not arrive, v the visitor, p a click
// that could not be delivered, and t when that was.
let state = {};
let granted = !WAITS;

const api = {
	// ready calls fn with this object once the server has answered, or will not.
	ready(fn) {
		settled.then(fn);
	},

	// signup tells who the visitor is; a token of the host's server vouches for the
	// customer key. Its promise says whether that was taken, and never fails.
	signup(customerKey, email, token) {
		return report(
			"lead",
			() => customerKey && typeof customerKey !== "object" && { customer_key: String(customerKey), email: email || undefined, token: token || undefined },
		);
	},

	// track reports one of the events that the server allows.
	track(name) {
		return report("event", () => EVENTS.includes(name) && { name });
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

// pairs returns those parameters of a query that pass, byte for byte.
const pairs = (search, passes) => search.slice(1).split("&").filter(passes).join("&");

const isClick = (pair) => pair.startsWith(CLICK + "=");

// click returns what the address tells of a click, or nothing. Of the page's own
// query only what is ours and utm_* are sent: it may hold secrets. A click id that
// the server still ties comes before all else.
const click = () => {
	const param = (pattern, name) => matching(pattern, query.get(name));
	const body = {
		url: origin + pathname + "?" + pairs(search, (pair) => /^utm_/.test(pair) || isClick(pair)),
		referrer: page.referrer.split(/[?#]/)[0],
		visitorId: state.v || crypto.getRandomValues(new Uint32Array(4)).join("-"),
		aff: PARAMS.map((name) => param(CODE, name)).find((code) => code),
		campaignId: param(TEXT, "campaignId"),
	};
	for (let i = 1; i <= 30; i++) {
		const name = "sub" + i;
		const value = param(TEXT, name);
		if (value) body.sub = { ...body.sub, [name]: value };
	}
	return (param(ID, CLICK) || body.aff || body.campaignId || body.sub) && body;
};

// clean takes the click id out of the address bar, and the parameter that had this
// referral code: whoever copies the address gets neither. All else stays byte for
// byte. The page may have changed its address meanwhile.
const clean = (code) =>
	quietly(() => {
		const url = new URL(here);
		url.search = pairs(url.search, (pair) => !isClick(pair) && !PARAMS.some((name) => pair === name + "=" + code));
		if (url.href !== here.href) history.replaceState(history.state, "", url);
	});

// deliver sends a click. An answer without a click id means that the value was
// somebody else's: nothing is kept of it. A click that does not arrive is tried
// again on the next page.
const deliver = async (body) => {
	try {
		const answer = await send("click", body);
		const said = answer.ok ? await answer.json() : answer.status > 428 ? undefined : {};
		const next = checked({ r: said.referral, c: said.clickId, k: said.token, v: said.visitorId });
		const { p, t, ...kept } = state;
		clean(next.r);
		if (!granted) forget();
		else if (next.c) save({ ...next, v: next.v || body.visitorId });
		else if (p) save(kept);
	} catch {
		clean();
		if (granted) save({ ...state, v: body.visitorId, p: body, t: Date.now() });
	}
};

// start records the click of this page, if there is one, or else one of the last
// day that could not be delivered; in a frame nobody has clicked. Its promise is
// fulfilled once that is settled, or takes longer than five seconds.
const start = () => {
	const body = quietly(() => granted && self === top && !page.prerendering && (click() || (Date.now() - state.t < 864e5 && state.p)));
	return new Promise((done) => (body ? (setTimeout(done, 5e3), deliver(body).then(done)) : done())).then(() => api);
};

// ---- Storage

// write sets the cookie, for the widest domain that a cookie may have here
// (browsers refuse those that belong to many, like co.uk), and reports whether
// the browser kept it.
const write = (text) => {
	const labels = here.hostname.split(".");
	const set = (name, value, age, domain) => {
		page.cookie = name + "=" + value + ";path=/;samesite=lax;max-age=" + age + domain + (here.protocol === "https:" ? ";secure" : "");
		return page.cookie.includes(name + "=" + value);
	};
	const domain = [DOMAIN, ...labels.map((_, i) => labels.slice(-i - 2).join("."))]
		.map((name) => name && ";domain=" + name)
		.find((domain) => domain && set(COOKIE + "_probe", 1, 9, domain) && !set(COOKIE + "_probe", "", 0, domain));
	return set(COOKIE, text, text ? AGE : 0, domain || "");
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
	const cookie = (name) => ("; " + page.cookie).split("; " + name + "=")[1].split(";")[0];
	const parse = (read) => quietly(() => JSON.parse(decodeURIComponent(read())));
	const lasting = () => {
		const said = new URLSearchParams(cookie(SERVER));
		return { r: said.get("referral"), c: said.get("click"), v: said.get("visitor") };
	};
	const kept = parse(() => cookie(COOKIE)) || parse(() => localStorage.getItem(COOKIE)) || quietly(lasting) || {};
	return checked(kept);
};

// checked leaves out of a state what is not what it should be.
const checked = (state) => ({ ...state, r: matching(CODE, state.r), c: matching(ID, state.c), k: matching(ID, state.k), v: matching(VISITOR, state.v) });

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
		} else if (HOSTS.includes(url.hostname)) {
			// Only text is added or cut off: everything else stays byte for byte.
			const rest = pairs(url.search, (pair) => !pair.startsWith(PARAM + "="));
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
	observer.observe(page, { subtree: true, childList: true, attributeFilter: ["href"] });
	scan(page);
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
if (!(window[GLOBAL] || {}).signup) {
	window[GLOBAL] = api;
	ALIASES.forEach((alias) => {
		window[alias] = window[alias] || api;
	});
	["click", "pointerdown"].forEach((type) => page.addEventListener(type, used, true));
	use(state);
	settled = page.prerendering ? new Promise((done) => page.addEventListener("prerenderingchange", done)).then(begin) : begin();
}
