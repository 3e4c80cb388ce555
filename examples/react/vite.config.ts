import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where chatplatform runs. The browser sees it below its own origin, so that the session stays an httpOnly cookie. */
const platform = process.env["CHATPLATFORM_URL"] ?? "http://127.0.0.1:8000";
// The host stays the page's own: the platform compares it with the origin of each request.
const through = { target: platform, changeOrigin: false };
const proxy = { "/api/chatkit": through, "/static/chatkit": through };

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
});
