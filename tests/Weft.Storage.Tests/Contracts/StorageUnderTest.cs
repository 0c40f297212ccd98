using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Storage.Tests;

/// <summary>One provider's stores on an empty database of their own.</summary>
public abstract class StorageUnderTest : IAsyncDisposable
{
    private readonly Lock _opening = new();
    private ServiceProvider? _services;

    public IThreadStore Threads => Services.GetRequiredService<IThreadStore>();

    public IRunStore Runs => Services.GetRequiredService<IRunStore>();

    public ICheckpointStore Checkpoints => Services.GetRequiredService<ICheckpointStore>();

    public IRunEventStore RunEvents => Services.GetRequiredService<IRunEventStore>();

    public IStreamEventStore StreamEvents => Services.GetRequiredService<IStreamEventStore>();

    public IItemStore Items => Services.GetRequiredService<IItemStore>();

    private ServiceProvider Services
    {
        get
        {
            lock (_opening)
            {
                if (_services is null)
                {
                    var services = new ServiceCollection();
                    AddTo(services);
                    _services = services.BuildServiceProvider();
                }

                return _services;
            }
        }
    }

    /// <summary>Closes the stores; the next use opens them again, on what they have stored.</summary>
    public async Task CloseAsync()
    {
        if (_services is { } services)
        {
            _services = null;
            await services.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        RemoveDatabase();
        GC.SuppressFinalize(this);
    }

    protected abstract void AddTo(IServiceCollection services);

    protected abstract void RemoveDatabase();
}
