/**
 * How far something moved, as a bar as long as it moved in parts of `most`.
 *
 * #### Notes
 * What moved at all shows. What moved from nothing has no measure: its bar is full,
 * and of a colour of its own.
 */
export function Movement(props: {
  readonly far: number;
  readonly most: number;
  readonly label: string;
}) {
  const { far, most, label } = props;
  const part = Number.isFinite(far) ? far / (most || 1) : 1;
  return (
    <svg
      class="jp-tfsession-movement"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {!Number.isNaN(far) && far > 0 && (
        <rect
          class={Number.isFinite(far) ? '' : 'jp-mod-special'}
          width={Math.max(100 * part, 1)}
          height="8"
        />
      )}
    </svg>
  );
}
