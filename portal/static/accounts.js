// A button beside each password field that shows what was typed, and hides it again.
for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-plain reveal";
  const say = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => say(field.type === "password"));
  // A password that was shown goes out as one: browsers keep what text fields hold.
  field.form.addEventListener("submit", () => say(false));
  say(false);
  field.after(button);
}
