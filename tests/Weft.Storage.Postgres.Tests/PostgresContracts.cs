namespace Weft.Storage.Postgres.Tests;

public sealed class PostgresAssistantStoreTests() : AssistantStoreContract(new PostgresUnderTest());

public sealed class PostgresApiKeyStoreTests() : ApiKeyStoreContract(new PostgresUnderTest());

public sealed class PostgresItemStoreTests() : ItemStoreContract(new PostgresUnderTest());

public sealed class PostgresItemIndexTests() : ItemIndexContract(new PostgresUnderTest());
