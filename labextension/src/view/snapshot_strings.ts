import type { Difference, Fate, Moved } from '../protocol';
import { count } from './format';
import type { ITranslator } from './strings';

/**
 * The texts about snapshots; a part of `Strings`.
 */
export function snapshotStringsOf(trans: ITranslator) {
  return {
    snapshots: trans.__('Snapshots'),
    snapshotsHint: trans.__(
      'Keep the values of all variables on the disk, and bring them back'
    ),
    take: trans.__('Take'),
    takeSnapshot: trans.__('Take snapshot'),
    takeSnapshotHint: trans.__('Keep the values of all variables on the disk'),
    snapshotName: trans.__('Name (optional)'),
    snapshotNameHint: trans.__(
      'Name of the snapshot: letters, digits, dots, dashes and underscores'
    ),
    noSnapshots: trans.__('No snapshots yet.'),
    kinds: { autosave: trans.__('autosave'), rescue: trans.__('rescue') },
    kindHints: {
      autosave: trans.__('Taken by itself, as the settings say'),
      rescue: trans.__('What could be read of a session that failed')
    },
    damaged: (why: string) => trans.__('damaged: %1', why),
    runNumber: (run: number) => trans.__('run %1', count(run)),
    compare: trans.__('Compare'),
    compareLabel: (name: string) =>
      trans.__('Compare with %1: how far variables moved since', name),
    since: (name: string) => trans.__('Since %1', name),
    movedSince: (found: Difference, time: string) =>
      [
        trans.__('%1 moved', count(found.moved)),
        trans.__('%1 did not', count(found.same)),
        found.only_before > 0
          ? trans.__('%1 only in the snapshot', count(found.only_before))
          : '',
        found.only_now > 0
          ? trans.__('%1 only now', count(found.only_now))
          : '',
        trans.__('as of %1', time)
      ]
        .filter(part => part !== '')
        .join(', '),
    moreMoved: (n: number) =>
      trans._n('%2 more moved less far', '%2 more moved less far', n, count(n)),
    relative: trans.__('How far'),
    relativeHint: trans.__('Norm of the change, for a norm of 1 before'),
    norm: trans.__('Norm'),
    normHint: trans.__('Euclidean norm of the change'),
    largest: trans.__('Largest'),
    largestHint: trans.__('Largest change of an element'),
    fromNothing: trans.__('All zero before'),
    movedNote: (moved: Moved) => {
      if (moved.why !== '') {
        return moved.why;
      }
      if (moved.norm === null) {
        return trans._n(
          '%2 element changed',
          '%2 elements changed',
          moved.changed,
          count(moved.changed)
        );
      }
      return moved.strange > 0
        ? trans.__('%1 NaN or Inf left out', count(moved.strange))
        : '';
    },
    restore: trans.__('Restore'),
    restoreButton: trans.__('Restore…'),
    restoreLabel: (name: string) => trans.__('Restore %1', name),
    restoreHint: (name: string) =>
      trans.__('Restore %1: first shows what that would do', name),
    fates: {
      matching: (n: number) =>
        trans._n('%2 value fits', '%2 values fit', n, count(n)),
      renamed: (n: number) =>
        trans._n(
          '%2 value fits a variable of another name',
          '%2 values fit variables of other names',
          n,
          count(n)
        ),
      mismatched: (n: number) =>
        trans._n(
          '%2 value does not fit its variable',
          '%2 values do not fit their variables',
          n,
          count(n)
        ),
      missing: (n: number) =>
        trans._n(
          '%2 value has no variable in the graph',
          '%2 values have no variable in the graph',
          n,
          count(n)
        ),
      untouched: (n: number) =>
        trans._n(
          '%2 variable is not in the snapshot and keeps what it holds',
          '%2 variables are not in the snapshot and keep what they hold',
          n,
          count(n)
        )
    } satisfies Record<Fate['what'], (n: number) => string>,
    asName: (name: string) => trans.__('as %1', name),
    maybeMeant: (name: string) => trans.__('%1 may be meant', name),
    more: (n: number) => trans._n('%2 more', '%2 more', n, count(n)),
    useSimilar: (n: number) =>
      trans._n(
        'Use the name that may be meant, for %2 value',
        'Use the names that may be meant, for %2 values',
        n,
        count(n)
      ),
    restorePart: (fitting: number, left: number) =>
      trans.__(
        'Restore the %1 that fit and leave out %2',
        count(fitting),
        count(left)
      ),
    nothingFits: trans.__(
      'Nothing of it has a place in this graph: run the cells that build the graph first.'
    ),
    overwrites: (n: number, size: string) =>
      n === 0
        ? trans.__('Overwrites nothing: these variables hold no values yet.')
        : trans._n(
            'Overwrites %2 variable (%3).',
            'Overwrites %2 variables (%3).',
            n,
            count(n),
            size
          )
  };
}
