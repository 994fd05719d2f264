import type { Difference as Message, Moved } from '../../protocol';
import { moment, number } from '../format';
import type { IAsked } from '../model/snapshots';
import { Movement } from '../plots/movement';
import { useStrings } from './context';
import { Button } from './toolbar';

/**
 * How far variables moved since a snapshot.
 */
export function Difference(props: {
  readonly asked: IAsked<Message>;
  readonly onClose: () => void;
}) {
  const { asked, onClose } = props;
  const { snapshot, answer } = asked;
  const strings = useStrings();
  const title = strings.since(snapshot.name);
  return (
    <section class="jp-tfsession-difference" aria-label={title}>
      <header>
        <h4>{title}</h4>
        <span class="jp-tfsession-weak" role="status">
          {answer === null
            ? strings.waitingForDetail
            : strings.movedSince(answer, moment(answer.time))}
        </span>
        <Button
          text="×"
          label={strings.close}
          title={strings.close}
          onClick={onClose}
        />
      </header>
      {answer !== null && answer.furthest.length > 0 && (
        <Furthest moved={answer.furthest} />
      )}
      {answer !== null && answer.moved > answer.furthest.length && (
        <p class="jp-tfsession-weak">
          {strings.moreMoved(answer.moved - answer.furthest.length)}
        </p>
      )}
    </section>
  );
}

/**
 * A table; its roles are said, since a narrow one is not laid out as a table.
 */
function Furthest(props: { readonly moved: readonly Moved[] }) {
  const { moved } = props;
  const strings = useStrings();
  const sizes = moved.map(one => Number(one.relative ?? NaN));
  const most = Math.max(0, ...sizes.filter(Number.isFinite));
  const columns = [
    [strings.columns.name],
    [strings.relative, strings.relativeHint, 'jp-mod-picture'],
    [strings.norm, strings.normHint, 'jp-mod-number'],
    [strings.largest, strings.largestHint, 'jp-mod-number']
  ] as const;
  return (
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(([text, title, kind]) => (
            <th
              key={text}
              role="columnheader"
              scope="col"
              class={kind}
              title={title}
            >
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {moved.map((one, index) => {
          const far = sizes[index] ?? NaN;
          const figure = Number.isFinite(far) ? number(far) : '';
          const label = figure === '' ? strings.fromNothing : figure;
          const note = strings.movedNote(one);
          return (
            <tr key={one.name} role="row">
              <th role="rowheader" scope="row" title={one.name}>
                {one.name}
                {note !== '' && <span class="jp-tfsession-weak"> {note}</span>}
              </th>
              <td role="cell" class="jp-mod-picture" title={label}>
                {one.relative !== null && (
                  <Movement far={far} most={most} label={label} />
                )}
              </td>
              <td role="cell" class="jp-mod-number">
                {one.norm !== null && number(Number(one.norm))}
              </td>
              <td role="cell" class="jp-mod-number">
                {one.largest !== null && number(Number(one.largest))}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
