const pause = 50;

/** Tries the assertions until they hold, or fails as they do once the limit (in ms) is over. */
export async function eventually(assertions, limit = 20_000) {
  const end = Date.now() + limit;
  while (true) {
    try {
      return await assertions();
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }

      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
