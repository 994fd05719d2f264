import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { extent } from './extent';

/**
 * The course of a value in the height of a line of text.
 */
export function Sparkline(props: {
  readonly points: readonly number[];
  readonly label: string;
}) {
  const { points, label } = props;
  const width = 80;
  const height = 16;
  const x = scaleLinear([0, Math.max(points.length - 1, 1)], [2, width - 2]);
  const y = scaleLinear(extent(points), [height - 2, 2]);
  const path = line<number>()
    .defined(Number.isFinite)
    .x((_, index) => x(index))
    .y(value => y(value));
  const last = points[points.length - 1];
  return (
    <svg
      class="jp-tfsession-sparkline"
      viewBox={`0 0 ${width.toString()} ${height.toString()}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={path(points) ?? ''} />
      {last !== undefined && Number.isFinite(last) && (
        <circle cx={x(points.length - 1)} cy={y(last)} r="1.5" />
      )}
      {points.map(
        (value, index) =>
          !Number.isFinite(value) && (
            <line
              key={index}
              class="jp-tfsession-special"
              x1={x(index)}
              x2={x(index)}
              y1="0"
              y2={height}
            />
          )
      )}
    </svg>
  );
}
