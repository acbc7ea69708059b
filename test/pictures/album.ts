import { type Camera, openCamera } from './camera.ts';
import { libraryMails } from './mails.ts';

const atOnce = 2;

/** Takes a picture of every mail of the library, some at once while the next ones are made. */
export async function pictureLibrary(
  executablePath: string,
  each: (name: string, picture: Buffer) => Promise<void>,
): Promise<void> {
  const camera = await openCamera({ executablePath, pages: atOnce });
  try {
    const mails = libraryMails();
    await Promise.all(Array.from({ length: atOnce }, () => work(camera, mails, each)));
  } finally {
    await camera.close();
  }
}

async function work(
  camera: Camera,
  mails: ReturnType<typeof libraryMails>,
  each: (name: string, picture: Buffer) => Promise<void>,
) {
  // All take from the same ones, each the next.
  for (let next = await mails.next(); !next.done; next = await mails.next())
    await each(next.value.name, await camera.take(next.value.html));
}
