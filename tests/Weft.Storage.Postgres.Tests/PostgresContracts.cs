namespace Weft.Storage.Postgres.Tests;

public sealed class PostgresAssistantStoreTests() : AssistantStoreContract(new PostgresUnderTest());

public sealed class PostgresApiKeyStoreTests() : ApiKeyStoreContract(new PostgresUnderTest());

public sealed class PostgresItemStoreTests() : ItemStoreContract(new PostgresUnderTest());

public sealed class PostgresItemIndexTests() : ItemIndexContract(new PostgresUnderTest());

public sealed class PostgresThreadStoreTests() : ThreadStoreContract(new PostgresUnderTest());

public sealed class PostgresRunStoreTests() : RunStoreContract(new PostgresUnderTest());

public sealed class PostgresCheckpointStoreTests() : CheckpointStoreContract(new PostgresUnderTest())
{
    [Fact]
    public async Task A_read_finds_what_this_server_has_not_committed_yet()
    {
        var thread = await AddThreadAsync();
        var attempt = await StartRunAsync(thread.ThreadId);
        for (var number = 1; number <= 100; number++)
        {
            var put = Storage.Checkpoints.PutAsync(attempt, NewCheckpoint(thread.ThreadId, number, attempt.RunId, number == 1 ? null : number - 1), [], Token);

            (await Storage.Checkpoints.FindAsync(thread.ThreadId, "", null, Token)).ShouldNotBeNull().Ordinal.ShouldBe(number);

            await put;
        }
    }
}

public sealed class PostgresMessageStoreTests() : MessageStoreContract(new PostgresUnderTest());

public sealed class PostgresStreamEventStoreTests() : StreamEventStoreContract(new PostgresUnderTest());

public sealed class PostgresCronStoreTests() : CronStoreContract(new PostgresUnderTest());

public sealed class PostgresFeedbackStoreTests() : FeedbackStoreContract(new PostgresUnderTest());

public sealed class PostgresWebhookStoreTests() : WebhookStoreContract(new PostgresUnderTest());
