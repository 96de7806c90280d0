// For `npx drizzle-kit generate --config cloud/server/drizzle.config.ts`: turns storage/schema.ts into a versioned
// migration. Never used by the running portal.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './cloud/server/storage/schema.ts',
  out: './cloud/server/storage/migrations',
})
