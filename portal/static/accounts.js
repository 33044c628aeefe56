// A button in each password field that shows what was typed, and hides it again.
for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const box = document.createElement("span");
  const button = document.createElement("button");
  box.className = "with-reveal";
  button.type = "button";
  button.className = "btn btn-quiet reveal";
  const say = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => {
    say(field.type === "password");
    field.focus();
  });
  // A password that was shown goes out as one: browsers keep what text fields hold.
  field.form.addEventListener("submit", () => say(false));
  say(false);
  const focused = document.activeElement === field;
  field.replaceWith(box);
  box.append(field, button);
  if (focused || field.autofocus) field.focus();
}
