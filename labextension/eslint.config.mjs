import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig([
  { ignores: ['lib', 'node_modules', '.yarn', 'src/protocol.ts'] },
  js.configs.recommended,
  {
    files: ['scripts/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly' } }
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      jupyter.configs.recommended
    ],
    plugins: { jupyter },
    languageOptions: {
      parserOptions: { projectService: true }
    },
    rules: {
      // JupyterLab's convention: interfaces are IFoo.
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      // JupyterLab's convention: options and private helpers live in namespaces.
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Lumino's signals take a method and the object that it belongs to.
      '@typescript-eslint/unbound-method': 'off',
      // What the plugins import is theirs, small, and needed at once.
      'jupyter/prefer-lazy-imports': 'off',
      curly: ['error', 'all'],
      eqeqeq: 'error'
    }
  },
  {
    // Shown to nobody, and gone with the page.
    files: ['**/__tests__/**', 'demo/**'],
    rules: {
      'jupyter/no-untranslated-string': 'off',
      'jupyter/require-disposable-ownership': 'off'
    }
  },
  // Last: switches off what prettier decides.
  prettier
]);
