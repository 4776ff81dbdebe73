import importX from 'eslint-plugin-import-x';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * The walls of docs/design.md, "Parts". For each folder of the backend: the folders beside it that it may import.
 * Everything may import base/. Only main.ts joins all of it.
 */
const may = {
  base: [],
  vault: ['base'],
  queue: ['base', 'vault'],
  dataverse: ['base'],
  backup: ['base', 'vault', 'dataverse'],
  restore: ['base', 'vault', 'dataverse'],
  verify: ['base', 'vault'],
  coverage: ['base', 'vault', 'dataverse', 'backup'],
  jobs: ['base', 'vault', 'queue', 'dataverse', 'backup', 'restore', 'verify', 'coverage'],
  control: ['base', 'vault', 'dataverse', 'jobs'],
  api: ['base', 'jobs', 'vault'],
  cli: ['base', 'jobs', 'coverage', 'vault', 'queue', 'dataverse', 'api', 'control'],
};
const folders = Object.keys(may);
const src = './backend/src';

const walls = [
  ...folders.map((folder) => ({
    target: `${src}/${folder}`,
    from: src,
    except: [folder, ...may[folder]].map((name) => `./${name}`),
    message: `${folder}/ may import only ${['itself', ...may[folder]].join(', ')} (docs/design.md, Parts).`,
  })),
  {
    target: './backend/src',
    from: [
      './simulator',
      './connector',
      './solution',
      './pcf-control',
      './backend/demo',
      './backend/bench',
      './backend/test',
    ],
    message: 'The product imports nothing of the simulator, the demo, tests or the other parts.',
  },
  {
    target: './simulator',
    from: ['./backend', './connector', './solution', './pcf-control'],
    message: 'The simulator imports nothing of the product, so that it can disagree with it.',
  },
  {
    target: './pcf-control',
    from: ['./backend', './simulator', './connector', './solution'],
    message: 'The control knows the backend only by its contract.',
  },
  {
    target: './solution',
    from: ['./backend', './simulator', './connector', './pcf-control'],
    message: 'The solution packs files; it imports no other part.',
  },
  {
    target: './connector',
    from: [
      './simulator',
      './solution',
      './pcf-control',
      `${src}/vault`,
      `${src}/dataverse`,
      `${src}/backup`,
      `${src}/coverage`,
      `${src}/restore`,
      `${src}/control`,
      `${src}/cli`,
    ],
    message: 'The connector is generated from the contract and the list of operations, nothing else.',
  },
];

const bannedGlobals = ['fetch', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message:
    'Below main.ts time, waiting and network come in as parameters (backend/src/base, dataverse/transport).',
}));
const bannedProperties = [
  ['Date', 'now'],
  ['Math', 'random'],
  ['crypto', 'randomUUID'],
  ['performance', 'now'],
].map(([object, property]) => ({
  object,
  property,
  message: 'Below main.ts clock and randomness come in as parameters (backend/src/base).',
}));
const bannedSyntax = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Below main.ts the clock comes in as a parameter (backend/src/base/clock.ts).',
  },
  {
    selector: "ImportSpecifier[imported.name='randomUUID']",
    message: 'Below main.ts randomness comes in as a parameter (backend/src/base/random.ts).',
  },
  {
    selector: "ImportDeclaration[source.value='node:timers/promises']",
    message: 'Below main.ts waiting comes in as a parameter (backend/src/base/clock.ts).',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/**',
      '**/dist/**',
      '**/out/**',
      '**/generated/**',
      '**/*.d.ts',
      'pcf-control/RecordHistory/**',
      'pcf-control/checks/**',
      'pcf-control/test-support/**',
      'pcf-control/**/*.test.*',
      '**/*.cjs',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.json'] })],
    },
    languageOptions: {
      globals: globals.node,
      parserOptions: {
        project: [
          './backend/tsconfig.json',
          './backend/tsconfig.run.json',
          './simulator/tsconfig.json',
          './connector/tsconfig.json',
          './solution/tsconfig.json',
          './pcf-control/harness/tsconfig.json',
          './pcf-control/tsconfig.tests.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: walls }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-console': 'error',
    },
  },
  {
    files: ['backend/src/**/*.ts'],
    ignores: ['backend/src/main.ts', 'backend/src/**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...bannedGlobals],
      'no-restricted-properties': ['error', ...bannedProperties],
      'no-restricted-syntax': ['error', ...bannedSyntax],
    },
  },
  {
    // Tests beside the code use the helpers of backend/test; the walls are for the product.
    files: ['backend/src/**/*.test.ts'],
    rules: { 'import-x/no-restricted-paths': 'off' },
  },
  {
    files: [
      '**/*.test.ts',
      '**/test/**/*.ts',
      'simulator/conformance/**/*.ts',
      'backend/demo/**/*.ts',
      'backend/bench/**/*.ts',
    ],
    rules: {
      // Tests, conformance and the demo join the parts or look into answers whose shape they then prove.
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
