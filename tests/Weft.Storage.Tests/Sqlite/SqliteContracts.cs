namespace Weft.Storage.Tests;

public sealed class SqliteThreadStoreTests() : ThreadStoreContract(new SqliteUnderTest());

public sealed class SqliteRunStoreTests() : RunStoreContract(new SqliteUnderTest());

public sealed class SqliteCronStoreTests() : CronStoreContract(new SqliteUnderTest());

public sealed class SqliteFeedbackStoreTests() : FeedbackStoreContract(new SqliteUnderTest());

public sealed class SqliteCheckpointStoreTests() : CheckpointStoreContract(new SqliteUnderTest());

public sealed class SqliteMessageStoreTests() : MessageStoreContract(new SqliteUnderTest());

public sealed class SqliteAssistantStoreTests() : AssistantStoreContract(new SqliteUnderTest());

public sealed class SqliteStreamEventStoreTests() : StreamEventStoreContract(new SqliteUnderTest());

public sealed class SqliteApiKeyStoreTests() : ApiKeyStoreContract(new SqliteUnderTest());

public sealed class SqliteWebhookStoreTests() : WebhookStoreContract(new SqliteUnderTest());

public sealed class SqliteItemIndexTests() : ItemIndexContract(new SqliteUnderTest());
