"""Watches a page in a real Chromium for anything that a text has made live.

The policy that forbids scripts is taken off, so that the page itself is judged and not its
second lock. What our own templates hold is told apart by a calm page of the same kind.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route

HOME = "http://tongtu.test"
# How most payloads show that they ran; what runs silently is found by what it hangs on.
TRAPS = """
window.__ran = [];
for (const name of ["alert", "prompt", "confirm", "print", "open", "fetch"]) {
  window[name] = () => { window.__ran.push(name); return null; };
}
"""
# What is live in the page, each as one line that names it.
LIVE = r"""
() => {
  const found = [], gone = /[\u0000-\u0020\u007f-\u009f]/g;
  const script = /^(javascript|vbscript|livescript|mocha|data:(text|application|image\/svg))/;
  const tags = new Set(["iframe", "frame", "frameset", "object", "embed", "applet", "base", "math",
    "style", "marquee", "portal", "audio", "video", "isindex", "xml", "animate", "set",
    "foreignobject", "noscript", "layer", "bgsound", "keygen"]);
  const addresses = new Set(["href", "src", "action", "formaction", "data", "poster", "background",
    "ping", "srcset", "xlink:href", "cite", "longdesc", "dynsrc", "lowsrc", "manifest"]);
  for (const el of document.querySelectorAll("*")) {
    const tag = el.localName.toLowerCase();
    if (tags.has(tag)) found.push("<" + tag + ">");
    if (tag === "script" && !el.src && el.type !== "application/json") found.push("<script>");
    if (tag === "meta" && el.httpEquiv) found.push("<meta http-equiv>");
    for (const at of el.attributes) {
      const name = at.name.toLowerCase(), value = at.value.replace(gone, "").toLowerCase();
      if (/^on/.test(name) || /^hx-on/.test(name)) found.push(name + " on " + tag);
      if (name === "style" || name === "srcdoc") found.push(name + " on " + tag);
      if (addresses.has(name) && script.test(value)) found.push(name + "=" + value.slice(0, 40));
    }
  }
  return found.concat(window.__ran.map((each) => "ran " + each));
}
"""


@dataclass
class Watch:
    """A browser that shows what `answer` returns for a path, and what became live there."""

    context: BrowserContext
    answer: Callable[[str], tuple[int, str, bytes]]  # path -> status, content type, body
    seen: list[str] = field(default_factory=list)
    page: Page | None = None

    @classmethod
    def over(cls, browser: Browser, answer: Callable[[str], tuple[int, str, bytes]]) -> "Watch":
        context = browser.new_context(base_url=HOME, viewport={"width": 1280, "height": 800})
        watch = cls(context=context, answer=answer)
        context.add_init_script(TRAPS)
        context.route("**/*", watch._serve)
        return watch

    def _serve(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith(HOME + "/"):
            self.seen.append(f"asked {address[:80]}")
            route.abort()
            return
        status, kind, body = self.answer(address.removeprefix(HOME))
        route.fulfill(status=status, content_type=kind, body=body)

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.type}")
        dialog.dismiss()

    def live(self, path: str) -> Counter[str]:
        """Open the page and return what is live in it, and how often."""
        if self.page is None:
            self.page = self.context.new_page()
            self.page.on("dialog", self._dialog)
        self.seen.clear()
        self.page.goto(path, wait_until="load")
        return Counter(self.page.evaluate(LIVE)) + Counter(self.seen)

    def close(self) -> None:
        self.context.close()
