using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Storage.TestKit;

/// <summary>One provider's stores on an empty database of their own.</summary>
public abstract class StorageUnderTest : IAsyncDisposable
{
    private readonly Lock _opening = new();
    private ServiceProvider? _services;

    public IThreadStore Threads => Services.GetRequiredService<IThreadStore>();

    public IRunStore Runs => Services.GetRequiredService<IRunStore>();

    public ICheckpointStore Checkpoints => Services.GetRequiredService<ICheckpointStore>();

    public IMessageStore Messages => Services.GetRequiredService<IMessageStore>();

    public IAssistantStore Assistants => Services.GetRequiredService<IAssistantStore>();

    public IStreamEventStore StreamEvents => Services.GetRequiredService<IStreamEventStore>();

    public ICronStore Crons => Services.GetRequiredService<ICronStore>();

    public IFeedbackStore Feedback => Services.GetRequiredService<IFeedbackStore>();

    public IItemStore Items => Services.GetRequiredService<IItemStore>();

    public IWebhookStore Webhooks => Services.GetRequiredService<IWebhookStore>();

    public IItemIndex ItemIndex => Services.GetRequiredService<IItemIndex>();

    public IApiKeyStore ApiKeys => Services.GetRequiredService<IApiKeyStore>();

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

    /// <summary>Whether the provider has a store of this name, such as <c>IRunStore</c>.</summary>
    public bool Has(string store)
    {
        var services = new ServiceCollection();
        AddTo(services);
        return services.Any(service => service.ServiceType.Name == store);
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

    /// <summary>Adds the provider's stores, on a database of their own, which may be made when it is used first.</summary>
    protected abstract void AddTo(IServiceCollection services);

    /// <summary>Removes the database, which is closed or was never used.</summary>
    protected abstract void RemoveDatabase();
}
