// Counts down how long a time is still kept; the sentence beside it says until when without this.
(() => {
  const line = document.querySelector("[data-held-until]");
  if (!line) return;
  const left = line.querySelector("[data-held-left]");
  const until = Date.parse(line.dataset.heldUntil);
  left.setAttribute("aria-hidden", "true"); // the time of day is read out once, not each second
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0) {
      line.textContent = line.dataset.heldOver;
      return;
    }
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = left.dataset.heldWords.replace("{left}", text);
    window.setTimeout(tick, 1000);
  };
  tick();
})();
