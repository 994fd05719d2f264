/**
 * Tells which names match what the user typed.
 *
 * #### Notes
 * Every word has to match. A word with `*`, `?` or `[` is a pattern for the whole
 * name, in which `*` also stands for slashes, as in `%tfsession vars`; any other
 * word may stand anywhere in the name. Case does not matter.
 */
export function nameFilter(text: string): (name: string) => boolean {
  const words = text.split(/\s+/).filter(word => word !== '');
  const tests = words.map(word => {
    if (/[*?[]/.test(word)) {
      const pattern = globPattern(word);
      return (name: string) => pattern.test(name);
    }
    const part = word.toLowerCase();
    return (name: string) => name.toLowerCase().includes(part);
  });
  return name => tests.every(test => test(name));
}

function globPattern(glob: string): RegExp {
  let pattern = '';
  for (let index = 0; index < glob.length; index += 1) {
    const letter = glob.charAt(index);
    // As in Python's fnmatch, a bracket that is never closed stands for itself.
    const end = glob.indexOf(']', index + 2);
    if (letter === '*') {
      // Many stars in a row match what one does, and are slow.
      pattern += pattern.endsWith('.*') ? '' : '.*';
    } else if (letter === '?') {
      pattern += '.';
    } else if (letter === '[' && end > 0) {
      const set = glob.slice(index + 1, end).replace(/[\\\]^[]/g, '\\$&');
      pattern += set.startsWith('!') ? `[^${set.slice(1)}]` : `[${set}]`;
      index = end;
    } else {
      pattern += letter.replace(/[.+^${}()|[\]\\/]/g, '\\$&');
    }
  }
  try {
    return new RegExp(`^${pattern}$`, 'is');
  } catch {
    // A set such as [z-a], typed halfway: it matches nothing yet.
    return /(?!)/;
  }
}
