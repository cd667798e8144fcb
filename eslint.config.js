import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  {
    // The Action runs inside Auth0, as CommonJS.
    files: ['src/auth0-action/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { exports: 'writable', fetch: 'readonly', AbortSignal: 'readonly', URL: 'readonly' } }
  },
  {
    files: ['src/inspector/page/*.js', 'src/sandbox/page/*.js', 'src/verify-page/page/**/*.js'],
    languageOptions: { globals: { document: 'readonly', window: 'readonly', EventSource: 'readonly', fetch: 'readonly', location: 'readonly', navigator: 'readonly', performance: 'readonly' } }
  }
]
