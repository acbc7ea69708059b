// What the compiler leaves behind: templates, words, brands, migrations, sample data, the preview's pages.
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = join(root, 'dist');
const folders = ['templates', 'fixtures', 'src/postgres/migrations', 'src/cli/init/files'];
const compiled = /\.tsx?$/;

for (const folder of folders) {
  cpSync(join(root, folder), join(out, folder), {
    recursive: true,
    filter: (file) => folder === 'src/cli/init/files' || !compiled.test(file),
  });
}
const vite = join(root, 'node_modules/vite/bin/vite.js');
const pages = join(out, 'previews/pages');
execFileSync(process.execPath, [vite, 'build', '--outDir', pages, '--logLevel', 'warn'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_ENV: 'production' },
});
