// Documents that are being read, in the admin: how far each is, until all are done.
const EVERY = 1000;

async function look() {
  const open = [...document.querySelectorAll("[data-document][data-open=yes]")];
  if (!open.length) return;
  const asked = new URLSearchParams(open.map((row) => ["id", row.dataset.document]));
  const base = location.pathname.replace(/document\/.*$/, "document/");
  try {
    const answer = await fetch(`${base}progress/?${asked}`);
    if (!answer.ok) return;
    const told = await answer.json();
    for (const row of open) {
      const now = told[row.dataset.document];
      row.dataset.open = now?.is_open ? "yes" : "";
      const bar = row.querySelector("progress");
      bar.value = now?.percent ?? 0;
      bar.hidden = !now?.is_open;
      row.querySelector(".progress-words").textContent = now?.words ?? "Deleted";
    }
  } catch {
    // The server is away for a moment.
  }
  setTimeout(look, EVERY);
}

document.addEventListener("DOMContentLoaded", look);
