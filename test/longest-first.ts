import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a minute or more: whatever starts last is waited for alone. */
const longest = [
  'test/package.test.ts',
  'test/reliability.test.ts',
  'test/documentation.test.ts',
  'previews/preview.test.ts',
  'previews/answer.test.ts',
  'previews/screens.test.ts',
  'test/stories-versions.test.ts',
  'test/reliability-threads.test.ts',
  'test/pictures/pictures.test.ts',
  'previews/installation.test.ts',
  'test/shop.test.ts',
  'src/postgres/embedded.test.ts',
  'src/cli/import.test.ts',
  'src/cli/campaign.test.ts',
  'src/cli/laurel.test.ts',
  'test/versions-bytes.test.ts',
  'src/ledger/arrival.property.test.ts',
  'src/http/pages/pages.test.ts',
  'test/load.test.ts',
  'previews/campaigns.test.ts',
];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const found = longest.findIndex((file) => moduleId.endsWith(file));
  return found === -1 ? longest.length : found;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
