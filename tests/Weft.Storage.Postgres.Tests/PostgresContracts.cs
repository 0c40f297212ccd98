using Weft.Runs;

namespace Weft.Storage.Postgres.Tests;

public sealed class PostgresAssistantStoreTests() : AssistantStoreContract(new PostgresUnderTest())
{
    [Fact]
    public async Task A_repeated_creation_and_a_repeated_version_are_the_same_write_once()
    {
        // The clock is more precise than the database.
        var time = At(0).AddTicks(7);
        var first = NewAssistant("one") with { CreatedAt = time, UpdatedAt = time };
        var next = first with { Name = "two", UpdatedAt = time.AddSeconds(1) };
        for (var i = 0; i < 2; i++)
        {
            (await Storage.Assistants.TryCreateAsync(first, Token)).ShouldBeTrue();
        }

        for (var i = 0; i < 2; i++)
        {
            (await Storage.Assistants.TryAddVersionAsync(next, 1, Token)).ShouldBe(2);
        }

        (await Storage.Assistants.TryCreateAsync(first, Token)).ShouldBeFalse();
        (await Storage.Assistants.ListVersionsAsync(Alice, first.AssistantId, null, 10, 0, Token)).Count.ShouldBe(2);
    }
}

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
            var checkpoint = NewCheckpoint(thread.ThreadId, number, attempt.RunId, number == 1 ? null : number - 1);
            var put = Storage.Checkpoints.PutAsync(attempt, checkpoint, [], Token);

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
