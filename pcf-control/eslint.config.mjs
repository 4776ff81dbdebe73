import eslint from '@eslint/js';
import powerApps from '@microsoft/eslint-plugin-power-apps';
import promise from 'eslint-plugin-promise';
import react from 'eslint-plugin-react';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** The rules of the official template, read by `pcf-scripts build`: a finding stops the build. */
export default [
  {
    ignores: [
      '**/generated',
      '**/*.test.ts',
      '**/*.test.tsx',
      '**/*.cjs',
      '**/*.mjs',
      'harness/**',
      'browser/**',
      'test-support/**',
      'checks/**',
      'dist/**',
      'out/**',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  promise.configs['flat/recommended'],
  react.configs.flat.recommended,
  reactHooks.configs['recommended-latest'],
  powerApps.configs.paCheckerHosted,
  {
    plugins: { '@microsoft/power-apps': powerApps },
    languageOptions: {
      globals: { ...globals.browser, ComponentFramework: true },
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: { react: { version: '16.14' } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // The contract uses `type` throughout; both read the same.
      '@typescript-eslint/consistent-type-definitions': 'off',
      'react/prop-types': 'off',
      'promise/always-return': 'off',
    },
  },
];
