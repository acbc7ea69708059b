// What the compiler leaves behind: templates, words, brands, migrations, sample data.
import { cpSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = ['templates', 'fixtures', 'src/postgres/migrations'];
const compiled = /\.tsx?$/;

for (const folder of folders) {
  cpSync(join(root, folder), join(root, 'dist', folder), {
    recursive: true,
    filter: (file) => !compiled.test(file),
  });
}
