export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A value as it stands in an address or a form: JSON where it is some, else the text itself. */
export function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
