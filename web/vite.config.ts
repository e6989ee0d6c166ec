import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Where `caudal serve` listens while the page is served by Vite. */
const server = process.env.CAUDAL_SERVER ?? "http://127.0.0.1:8350";

export default defineConfig({
  plugins: [svelte()],
  // Vitest resolves Svelte's browser build; without it components cannot be mounted in happy-dom.
  resolve: process.env.VITEST ? { conditions: ["browser"] } : undefined,
  build: {
    outDir: "../src/caudal/app/static",
    emptyOutDir: true,
    assetsDir: "assets",
    // The content-security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the wheel carries of others goes with their licences.
    license: { fileName: "licences.md" },
  },
  server: { proxy: { "/api": server, "/openapi.json": server } },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
