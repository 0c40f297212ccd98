namespace Weft.Runs.Tests.Homes;

public sealed class ThreadClaimsTests
{
    private static readonly ThreadId Thread = new("t");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_alone_has_every_thread()
    {
        var homes = new OneHome(7);
        var claims = new ThreadClaims(new ServerIdentity(), homes);
        claims.AreShared.ShouldBeFalse();
        await claims.ClaimAsync(Thread, Token);
        (await claims.ListOwnAsync(null, 10, Token)).ShouldBeEmpty();
        (await claims.ClaimLeftAsync(10, Token)).ShouldBeEmpty();
        homes.Calls.ShouldBe(0);
    }

    [Fact]
    public async Task A_thread_of_another_server_is_refused_with_the_name_of_that_server()
    {
        var server = new ServerIdentity();
        server.Join(1);
        var claims = new ThreadClaims(server, new OneHome(7));
        (await Should.ThrowAsync<ThreadElsewhereException>(async () => await claims.ClaimAsync(Thread, Token))).Home.ShouldBe(7);
        await new ThreadClaims(server, new OneHome(1)).ClaimAsync(Thread, Token);
        // A thread that does not exist belongs to nobody.
        await new ThreadClaims(server, new OneHome(null)).ClaimAsync(Thread, Token);
    }

    [Fact]
    public void A_thread_that_was_read_with_another_home_is_refused_by_servers_of_a_cluster()
    {
        var server = new ServerIdentity();
        var thread = new ThreadRecord { ThreadId = Thread, Owner = "me", CreatedAt = default, UpdatedAt = default };
        var claims = new ThreadClaims(server, new OneHome(7));
        claims.EnsureHere(thread with { Home = 7 });
        server.Join(1);

        claims.EnsureHere(thread);
        claims.EnsureHere(thread with { Home = 1 });
        Should.Throw<ThreadElsewhereException>(() => claims.EnsureHere(thread with { Home = 7 })).Home.ShouldBe(7);
    }

    private sealed class OneHome(int? home) : IThreadHomeStore
    {
        public int Calls { get; private set; }

        public Task<int?> FindAsync(ThreadId threadId, CancellationToken cancellationToken) => Count(home);

        public Task<int?> ClaimAsync(ThreadId threadId, bool holds, CancellationToken cancellationToken) => Count(home);

        public Task OfferAsync(ThreadId threadId, CancellationToken cancellationToken) => Count(home);

        public Task<int?> TakeAsync(ThreadId threadId, int giver, CancellationToken cancellationToken) => Count(home);

        public Task LetGoAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) => Count(home);

        public Task GiveUpAsync(IReadOnlyList<ThreadId> threadIds, CancellationToken cancellationToken) => Count(home);

        public Task GiveToAsync(ThreadId threadId, int server, CancellationToken cancellationToken) => Count(home);

        public Task<IReadOnlyList<ThreadId>> ClaimLeftAsync(int limit, CancellationToken cancellationToken) =>
            Count<IReadOnlyList<ThreadId>>([]);

        public Task<IReadOnlyList<ThreadId>> ListOwnAsync(ThreadId? after, int limit, CancellationToken cancellationToken) =>
            Count<IReadOnlyList<ThreadId>>([]);

        private Task<T> Count<T>(T result)
        {
            Calls++;
            return Task.FromResult(result);
        }
    }
}
