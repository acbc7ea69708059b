import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The preview's pages. Small enough for one file each; nothing may be inlined, for their policy forbids it. */
export default defineConfig({
  root: 'previews/ui',
  plugins: [react()],
  build: { emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false, target: 'es2023' },
});
