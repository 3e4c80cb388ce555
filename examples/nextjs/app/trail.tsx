import type { ReactNode } from "react";

const FACTS = [
  ["42 km", "on foot"],
  ["2,900 m", "up"],
  ["3 days", "with two huts"],
] as const;

/** What the shop is about: the page that people ask the chat about. */
export function Trail({ children }: { children: ReactNode }) {
  return (
    <article>
      <svg className="view" viewBox="0 0 720 240" preserveAspectRatio="xMidYMax slice" role="img" aria-label="Mountains at dawn">
        <rect width="720" height="240" fill="#f7d9b0" />
        <circle cx="540" cy="88" r="34" fill="#fff3dc" />
        <path d="M0 170 90 96l62 50 96-92 118 104 74-58 110 92 80-54 90 70v62H0z" fill="#9db3b5" />
        <path d="m248 54 38 60-24-10-20 16-22-26z" fill="#f4f1ea" />
        <path d="M0 206 120 142l96 46 132-74 118 80 108-46 146 66v26H0z" fill="#4f7a68" />
        <path d="M0 226c120-40 220-26 350-14s250-6 370-24v52H0z" fill="#1f4d38" />
      </svg>
      <h2>Three days in the Karwendel</h2>
      <p>
        The way leads from Scharnitz over the Falken Hut to the Eng: forty-two kilometres, and almost three thousand metres up. Snow
        lies on the north side until June, so that boots with a stiff sole are worth their weight.
      </p>
      <ul className="facts">
        {FACTS.map(([value, of]) => (
          <li key={of}>
            <strong>{value}</strong> {of}
          </li>
        ))}
      </ul>
      {children}
    </article>
  );
}
