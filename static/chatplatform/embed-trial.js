/* Identifies whoever tries an embed out. The token is made by a POST: a GET, which an image can send, changes nothing. */
(() => {
  "use strict";
  const { token, csrf } = document.currentScript.dataset;
  window.chatplatform ??= function () {
    (window.chatplatform.q ??= []).push(arguments);
  };
  window.chatplatform("identify", async () => {
    const response = await fetch(token, { method: "POST", headers: { "X-CSRFToken": csrf } });
    if (!response.ok) throw new Error(`The token's address answered ${response.status}.`);
    return response.text();
  });
})();
