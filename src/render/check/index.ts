import { accessibility } from './accessibility.ts';
import { darkMode } from './dark-mode.ts';
import type { MailCheck } from './finding.ts';
import { htmlSource } from './html-source.ts';
import { images } from './images.ts';
import { leftBehind } from './left-behind.ts';
import { links } from './links.ts';
import { preheader } from './preheader.ts';
import { oneClick } from './selling/one-click.ts';
import { sender } from './selling/sender.ts';
import { serviceFirst } from './selling/service-first.ts';
import { unsubscribe } from './selling/unsubscribe.ts';
import { size } from './size.ts';
import { styleSheets } from './style-sheets.ts';
import { subject } from './subject.ts';
import { textPart } from './text-part.ts';

/** Every check of a finished mail, in the order it is read: envelope first, then what stands in it. */
export const mailChecks: readonly MailCheck[] = [
  subject,
  preheader,
  leftBehind, // a mail with these says something wrong
  links,
  images,
  serviceFirst,
  sender, // what sells needs a footer: who sends it, and the way out
  unsubscribe,
  oneClick,
  size,
  styleSheets,
  htmlSource,
  textPart,
  accessibility,
  darkMode,
];
