// The service worker of the courses: the current course's text and quizzes can be opened without a
// network, and what is done there is sent later.
"use strict";
/* global TongtuQueue */
{% set files = ["vendor/tabler.min.css", "vendor/icons.svg", "app.css", "app.js", "learning.css", "learning.js", "offline-queue.js"] -%}
var FILES = [{% for name in files %}{{ asset(name)|tojson }}{{ ", " if not loop.last }}{% endfor %}];
importScripts({{ asset("offline-queue.js")|tojson }});
// The addresses carry the hash of what they lead to: other files, another cache.
var FILES_CACHE = "tongtu-files-" + FILES.map(function (file) { return file.split("v=")[1]; }).join("");
var PAGES = "tongtu-pages-";  // and whose they are
var NO_PAGE = {{ url_for("learning.no_page")|tojson }};
var A_DAY_MS = 86400000;

self.addEventListener("install", function (event) {
  self.skipWaiting();
  event.waitUntil(caches.open(FILES_CACHE).then(function (cache) { return cache.addAll(FILES.concat(NO_PAGE)); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf("tongtu-files-") === 0 && name !== FILES_CACHE;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

// Whose pages are kept: never those of two persons.
function pagesCache() {
  return caches.keys().then(function (names) {
    return names.find(function (name) { return name.indexOf(PAGES) === 0; });
  });
}

// The search and the learning paths are no courses: to look there drops nothing that is kept.
var NOT_COURSES = {{ not_courses|tojson }};
function courseOf(address) {
  var slug = new URL(address).pathname.split("/")[2] || "";
  return NOT_COURSES.indexOf(slug) < 0 ? slug : "";
}

function keep(request, answer) {
  var person = answer.headers.get("X-Tongtu-Person");
  if (!person || answer.status !== 200 || answer.redirected) return Promise.resolve();
  var wanted = PAGES + person;
  return caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf(PAGES) === 0 && name !== wanted;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return caches.open(wanted); }).then(function (cache) {
    return cache.put(plain(request.url), answer).then(function () { return onlyOneCourse(cache, courseOf(request.url)); });
  });
}

// "?again=1" and the like are the same page to who has no network.
function plain(address) { return address.split(/[?#]/)[0]; }

function onlyOneCourse(cache, slug) {
  if (!slug) return undefined;
  return cache.keys().then(function (requests) {
    return Promise.all(requests.filter(function (each) {
      var own = courseOf(each.url);
      return own && own !== slug;
    }).map(function (each) { return cache.delete(each); }));
  });
}

function fromCache(request) {
  return pagesCache().then(function (name) {
    return name ? caches.open(name).then(function (cache) { return cache.match(plain(request.url)); }) : undefined;
  }).then(function (found) { return found || caches.match(NO_PAGE); });
}

function page(event) {
  return fetch(event.request).then(function (answer) {
    event.waitUntil(keep(event.request, answer.clone()));
    return answer;
  }).catch(function () { return fromCache(event.request); });
}

// A form sent into the void: what can wait is kept, and the page shows again.
function form(event) {
  var copy = event.request.clone();
  return fetch(event.request).catch(function () {
    var path = new URL(copy.url).pathname;
    var parts = path.split("/");  // "", courses, slug, name, step
    var here = parts.slice(0, 4).join("/");
    if (parts[4] === "open") return Response.redirect(here, 303);
    if (parts.length < 4 || (parts[4] && parts[4] !== "read") || parts[3] === "enrol" || parts[3] === "renew" || parts[3] === "seen") {
      return caches.match(NO_PAGE);
    }
    return Promise.all([pagesCache(), copy.formData()]).then(function (found) {
      if (!found[0]) return caches.match(NO_PAGE);
      return TongtuQueue.add(found[0].slice(PAGES.length), path, Array.from(found[1].entries()))
        .then(later).then(function () { return Response.redirect(here + "#offline", 303); });
    });
  });
}

function later() {
  // Where the browser can, it wakes this worker when the network is back, even without a page.
  return self.registration.sync ? self.registration.sync.register("tongtu-offline").catch(function () {}) : undefined;
}

self.addEventListener("sync", function (event) {
  if (event.tag === "tongtu-offline") event.waitUntil(TongtuQueue.flush());
});

self.addEventListener("fetch", function (event) {
  var request = event.request;
  var path = new URL(request.url).pathname;
  if (new URL(request.url).origin !== self.location.origin) return;
  if (request.method === "GET" && path.indexOf("/static/") === 0) {
    event.respondWith(caches.match(request).then(function (found) { return found || fetch(request); }));
  } else if (request.mode === "navigate" && /^\/courses(\/|$)/.test(path)) {
    event.respondWith(request.method === "POST" ? form(event) : page(event));
  }
});

// A page of a course names the others: they are fetched once a day, quietly.
self.addEventListener("message", function (event) {
  if (!event.data || !event.data.keep) return;
  event.waitUntil(event.data.keep.reduce(function (before, address) {
    return before.then(function () { return fetched(new URL(address, self.location.href).href, event.data.person); });
  }, Promise.resolve()).catch(function () {}));
});

function fetched(address, person) {
  return caches.open(PAGES + person).then(function (cache) { return cache.match(address); }).then(function (found) {
    if (found && Date.now() - Date.parse(found.headers.get("Date")) < A_DAY_MS) return undefined;
    return fetch(address, { credentials: "same-origin" }).then(function (answer) {
      // Signed out meanwhile, or somebody else: not theirs to keep.
      if (answer.headers.get("X-Tongtu-Person") !== person) throw new Error("somebody else");
      return keep(new Request(address), answer);
    });
  });
}
