/** A mail, small: to recognise, not to read. Its box keeps its place until the mail is there. */
export const Thumb = ({ hash, dimmed = false }: { hash: string | null; dimmed?: boolean }) => (
  <span className={dimmed ? 'thumb dimmed-thumb' : 'thumb'} aria-hidden="true">
    {hash !== null && (
      <iframe
        src={`/frame/${hash}`}
        sandbox=""
        scrolling="no"
        tabIndex={-1}
        title=""
        loading="lazy"
      />
    )}
  </span>
);
