// The import table of the architecture: which area may import which areas and packages. The longest matching folder decides.
// A new dependency has to be entered here first, so that where it may be used is a decision.

const PAGE_PACKAGES = [
  'react',
  'react-dom',
  'zustand',
  'zod',
  '@mantine/*',
  '@tabler/*',
  '@fontsource-variable/*',
  '@fontsource/*',
]
const ENGINE_PACKAGES = [
  'zod',
  '@virustotal/yara-x',
  '@litko/*',
  '7z-wasm',
  'postal-mime',
  'cfb',
  'lmdb',
  'chokidar',
  'koffi',
]

/** `areas`: folders or files; `packages`: names or `scope/*`; `node`: Node's own modules. */
export const LAYERS = [
  { area: 'shared', areas: ['shared'], not: ['shared/ui'], packages: ['zod'], node: false },
  { area: 'shared/ui', areas: ['shared'], packages: PAGE_PACKAGES, node: false },
  // What every process of an installation needs; and where its secrets are kept.
  { area: 'electron/process', areas: ['electron/process', 'shared'], packages: ['zod'], node: true, network: [] },
  {
    area: 'electron/secrets',
    areas: ['electron/secrets', 'electron/process', 'shared'],
    packages: ['zod', 'keytar'],
    node: true,
    network: [],
  },
  // SECURITY: what parses hostile files cannot reach the network; the one exception is the local socket of a scanner service.
  {
    area: 'electron/engine',
    areas: ['electron/engine', 'shared'],
    packages: ENGINE_PACKAGES,
    node: true,
    network: [],
  },
  {
    area: 'electron/engine/detect/clamd',
    areas: ['electron/engine', 'shared'],
    packages: ENGINE_PACKAGES,
    node: true,
    network: ['net'],
  },
  {
    area: 'electron/engine-host',
    areas: ['electron/engine-host', 'electron/engine', 'electron/process', 'shared'],
    packages: ENGINE_PACKAGES,
    node: true,
    network: [],
  },
  {
    area: 'electron/cli',
    areas: [
      'electron/cli',
      'electron/engine-host',
      'electron/engine',
      'electron/secrets',
      'electron/process',
      'shared',
    ],
    packages: ['zod'],
    node: true,
    network: [],
  },
  {
    area: 'electron/client',
    areas: ['electron/client', 'shared'],
    packages: ['zod', 'socket.io-client', 'chokidar', 'proper-lockfile'],
    node: true,
  },
  {
    area: 'electron/main',
    areas: ['electron/main', 'electron/client', 'electron/secrets', 'electron/process', 'shared'],
    packages: ['zod', 'electron', 'electron-store', 'electron-log', 'electron-updater'],
    node: true,
  },
  {
    area: 'electron/preload',
    areas: ['electron/preload', 'shared/rpc', 'shared/ipc/channels.ts', 'shared/errors.ts'],
    packages: ['electron'],
    node: false,
  },
  { area: 'renderer', areas: ['renderer', 'shared'], packages: PAGE_PACKAGES, node: false },
  {
    area: 'cloud/server',
    areas: ['cloud/server', 'shared'],
    packages: [
      'zod',
      'fastify',
      'fastify-plugin',
      'fastify-type-provider-zod',
      '@fastify/*',
      'socket.io',
      '@socket.io/*',
      'redis',
      'ioredis',
      'pg',
      '@electric-sql/*',
      'drizzle-orm',
      'drizzle-kit',
      'nodemailer',
      '@node-rs/*',
      'otpauth',
      '@zxcvbn-ts/*',
      'pino',
    ],
    node: true,
  },
  {
    area: 'cloud/web',
    areas: ['cloud/web', 'shared'],
    packages: [...PAGE_PACKAGES, 'socket.io-client', '@zxcvbn-ts/*', 'qrcode', 'otpauth'],
    node: false,
  },
  { area: 'e2e', areas: ['e2e', 'shared'], packages: ['*'], node: true },
  {
    area: 'e2e/entries',
    areas: ['e2e', 'shared', 'electron/main', 'electron/client', 'electron/engine-host', 'electron/engine'],
    packages: ['*'],
    node: true,
  },
  // Documents and mails as the engine's own tests make them.
  {
    area: 'e2e/support/infected-things.ts',
    areas: ['e2e', 'shared', 'electron/engine/treat/testing', 'electron/engine/unpack/testing'],
    packages: ['*'],
    node: true,
  },
  { area: 'bench', areas: ['bench', 'shared', 'electron', 'cloud', 'e2e'], packages: ['*'], node: true },
  { area: 'build', areas: ['build'], packages: ['*'], node: true },
]

/** Raw messaging between Electron's processes is wrapped once on each side; nobody else may touch it. */
export const RAW_MESSAGING = [
  { name: 'ipcMain', allowed: ['electron/main/ipc-server.ts'] },
  { name: 'ipcRenderer', allowed: ['electron/preload'] },
]

/** Modules of Node that reach the network. */
export const NETWORK_MODULES = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises', 'inspector']

/** Source files that belong to no area: configuration of the tools, at the root. */
export const ROOT_FILES = /^[\w.-]+\.config\.(ts|mjs)$/

export const MAX_LINES = 300
