import { useEffect, useState } from 'react';

type Props = { readonly text: string; readonly name?: string; readonly said?: string };

/** Puts a text on the clipboard, and says so. */
export function CopyButton({ text, name = 'Copy', said = 'Copied' }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className="plain"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? said : name}
    </button>
  );
}
