import { scaleLinear } from 'd3-scale';
import { useState } from 'preact/hooks';
import type { Histogram as Counts } from '../../protocol';
import { useStrings } from '../components/context';
import { number } from '../format';
import { INNER, Plot } from './axes';

/**
 * How many elements lie between successive edges.
 */
export function Histogram(props: { readonly of: Counts }) {
  const { edges, counts } = props.of;
  const strings = useStrings();
  const [pointed, setPointed] = useState<number | null>(null);
  const low = edges[0] ?? 0;
  const high = edges[edges.length - 1] ?? 1;
  const x = scaleLinear([low, high], [INNER.left, INNER.right]);
  const y = scaleLinear([0, Math.max(1, ...counts)], [INNER.bottom, INNER.top]);
  const bar = (index: number) =>
    strings.histogramBar(
      number(edges[index] ?? low),
      number(edges[index + 1] ?? high),
      counts[index] ?? 0
    );
  const find = (position: number) => {
    const value = x.invert(position);
    const index = counts.findIndex((_, at) => value <= (edges[at + 1] ?? high));
    setPointed(index < 0 || value < low ? null : index);
  };
  return (
    <Plot
      title={strings.histogram}
      summary={
        pointed === null
          ? strings.range(number(low), number(high))
          : bar(pointed)
      }
      x={x}
      y={y}
      onMove={find}
      onLeave={() => {
        setPointed(null);
      }}
    >
      <g class="jp-tfsession-bars">
        {counts.map((size, index) => {
          const left = x(edges[index] ?? low);
          const right = x(edges[index + 1] ?? high);
          return (
            <rect
              key={index}
              class={index === pointed ? 'jp-mod-active' : ''}
              x={left}
              y={y(size)}
              width={Math.max(right - left - 0.5, 0.5)}
              height={Math.max(INNER.bottom - y(size), size > 0 ? 1 : 0)}
            />
          );
        })}
      </g>
    </Plot>
  );
}
