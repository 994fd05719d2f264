import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { useState } from 'preact/hooks';
import { number } from '../format';
import { INNER, Plot } from './axes';
import { extent } from './extent';

/**
 * Values over what they belong to, such as runs or an index.
 */
export function Lines(props: {
  readonly title: string;
  readonly at: readonly number[];
  readonly values: readonly number[];
  /** Says in words what stands at an index. */
  readonly label: (index: number) => string;
}) {
  const { title, at, values, label } = props;
  const [pointed, setPointed] = useState<number | null>(null);
  const x = scaleLinear(extent(at), [INNER.left, INNER.right]);
  const y = scaleLinear(extent(values), [INNER.bottom, INNER.top]).nice();
  const place = (index: number) => x(at[index] ?? 0);
  const path = line<number>()
    .defined(Number.isFinite)
    .x((_, index) => place(index))
    .y(value => y(value));
  const find = (position: number) => {
    const value = x.invert(position);
    let nearest = 0;
    at.forEach((place, index) => {
      if (Math.abs(place - value) < Math.abs((at[nearest] ?? 0) - value)) {
        nearest = index;
      }
    });
    setPointed(nearest);
  };
  const shown = Math.min(pointed ?? values.length - 1, values.length - 1);
  const value = values[shown];
  return (
    <Plot
      title={title}
      summary={value === undefined ? '' : label(shown)}
      x={x}
      y={y}
      onMove={find}
      onLeave={() => {
        setPointed(null);
      }}
    >
      <path class="jp-tfsession-curve" d={path(values) ?? ''} />
      {values.map(
        (value, index) =>
          !Number.isFinite(value) && (
            <line
              key={index}
              class="jp-tfsession-special"
              x1={place(index)}
              x2={place(index)}
              y1={INNER.top}
              y2={INNER.bottom}
            >
              <title>{number(value)}</title>
            </line>
          )
      )}
      {value !== undefined && Number.isFinite(value) && (
        <circle
          class="jp-tfsession-point"
          cx={place(shown)}
          cy={y(value)}
          r="3"
        />
      )}
    </Plot>
  );
}
