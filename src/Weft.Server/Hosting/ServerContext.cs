using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The services and options that the endpoints use.</summary>
internal sealed record ServerContext(
    RunsFacade Runs,
    ThreadsFacade Threads,
    AssistantDirectory Assistants,
    ItemsFacade Items,
    RunSpecBuilder Specs,
    WeftServerOptions Options,
    ServerMetrics Metrics,
    IHostApplicationLifetime Lifetime,
    TimeProvider Time);
