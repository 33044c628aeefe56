// Passkeys: the button of a form asks the browser for one, puts its answer into the form, sends it.
const toBytes = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const decoded = (options) => {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const each of [...(options.allowCredentials || []), ...(options.excludeCredentials || [])]) {
    each.id = toBytes(each.id);
  }
  return options;
};

const encoded = (credential) => {
  const answer = credential.response;
  const response = { clientDataJSON: toText(answer.clientDataJSON) };
  if (answer.attestationObject) {
    response.attestationObject = toText(answer.attestationObject);
    response.transports = answer.getTransports ? answer.getTransports() : [];
  } else {
    response.authenticatorData = toText(answer.authenticatorData);
    response.signature = toText(answer.signature);
    response.userHandle = answer.userHandle ? toText(answer.userHandle) : null;
  }
  return JSON.stringify({
    id: credential.id, rawId: toText(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

const ask = async (button) => {
  const form = button.form;
  const answer = await fetch(button.dataset.options, {
    method: "POST", headers: { "X-CSRFToken": form.elements.csrf_token.value },
  });
  if (answer.redirected) { // the password must be shown again first
    location.assign(answer.url);
    return;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const publicKey = decoded(await answer.json());
  const credential = await navigator.credentials[button.dataset.passkey]({ publicKey });
  form.elements.credential.value = encoded(credential);
  form.action = button.dataset.action;
  form.submit();
};

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = false;
  for (const button of document.querySelectorAll("button[data-passkey]")) {
    const problem = document.getElementById(button.getAttribute("aria-describedby"));
    button.addEventListener("click", async () => {
      button.disabled = true;
      problem.hidden = true;
      try {
        await ask(button);
      } catch {
        problem.hidden = false;
      }
      button.disabled = false;
    });
  }
}
