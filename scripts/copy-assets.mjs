// What the compiler leaves behind: templates, words, brands, migrations, sample data, the preview's pages.
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = ['templates', 'fixtures', 'src/postgres/migrations', 'previews/ui/dist'];
const compiled = /\.tsx?$/;

for (const folder of folders) {
  if (!existsSync(join(root, folder))) continue;
  cpSync(join(root, folder), join(root, 'dist', folder), {
    recursive: true,
    filter: (file) => !compiled.test(file),
  });
}
