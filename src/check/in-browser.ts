import { openReading } from '../render/check/axe.ts';
import type { CheckedMail } from '../render/check/finding.ts';
import { told } from '../render/check/look.ts';
import type { FindSource } from '../render/check/sources.ts';
import type { Findings } from './findings.ts';

type Telling = {
  readonly findings: Findings;
  readonly source: FindSource;
  /** Before each mail. */
  readonly onMail: (done: number, mail: CheckedMail) => void;
};

/**
 * Reads mails in the browser behind a path.
 * @returns why it wasn't done; null when it was
 */
export async function readInBrowser(
  executablePath: string,
  mails: readonly CheckedMail[],
  { findings, source, onMail }: Telling,
): Promise<string | null> {
  const reading = await openReading(executablePath);
  if ('skipped' in reading) return reading.skipped;
  try {
    for (const [done, mail] of mails.entries()) {
      onMail(done, mail);
      const { template, brand, locale } = mail;
      for (const { check, file, line, ...found } of told(
        'axe',
        await reading.look(mail.html),
        mail,
        source,
      ))
        findings.add(found, {
          check,
          template: template.name,
          brand: brand.id,
          locale,
          ...(file !== undefined && { file }),
          ...(line !== undefined && { line }),
        });
    }
    return null;
  } finally {
    await reading.close();
  }
}
