namespace Weft.Storage.Postgres.Tests;

public sealed class PostgresAssistantStoreTests() : AssistantStoreContract(new PostgresUnderTest());

public sealed class PostgresApiKeyStoreTests() : ApiKeyStoreContract(new PostgresUnderTest());

public sealed class PostgresItemStoreTests() : ItemStoreContract(new PostgresUnderTest());

public sealed class PostgresItemIndexTests() : ItemIndexContract(new PostgresUnderTest());

public sealed class PostgresThreadStoreTests() : ThreadStoreContract(new PostgresUnderTest());

public sealed class PostgresRunStoreTests() : RunStoreContract(new PostgresUnderTest());

public sealed class PostgresCheckpointStoreTests() : CheckpointStoreContract(new PostgresUnderTest());

public sealed class PostgresMessageStoreTests() : MessageStoreContract(new PostgresUnderTest());

public sealed class PostgresStreamEventStoreTests() : StreamEventStoreContract(new PostgresUnderTest());

public sealed class PostgresCronStoreTests() : CronStoreContract(new PostgresUnderTest());

public sealed class PostgresFeedbackStoreTests() : FeedbackStoreContract(new PostgresUnderTest());

public sealed class PostgresWebhookStoreTests() : WebhookStoreContract(new PostgresUnderTest());
