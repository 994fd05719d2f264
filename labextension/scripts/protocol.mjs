// Generates src/protocol.ts from the kernel's JSON schema; with --check, only
// tells whether it is up to date.
import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const schemaPath = '../jupyter_tfsession/frontend/protocol.schema.json';
const typesPath = 'src/protocol.ts';

const schema = JSON.parse(await readFile(schemaPath, 'utf-8'));
const banner = `// Generated from ${schemaPath} by \`make protocol\`: do not edit.`;
const types = await compile(schema, 'Protocol', {
  additionalProperties: false,
  bannerComment: banner,
  format: false,
  // Bounds on lists would become tuples of every length.
  ignoreMinAndMaxItems: true,
  unreachableDefinitions: true
});
const options = await resolveConfig(typesPath);
// What the compiler adds to every definition.
const noise =
  /\n? \* This interface was referenced by .*\n \* via the `definition` .*/g;
const text = await format(
  types.replace(noise, '').replace(/\/\*\*\s*\*\/\n/g, ''),
  { ...options, parser: 'typescript' }
);
if (!process.argv.includes('--check')) {
  await writeFile(typesPath, text);
} else if (text !== (await readFile(typesPath, 'utf-8'))) {
  console.error(
    `${typesPath} differs from ${schemaPath}: run \`make protocol\``
  );
  process.exitCode = 1;
}
