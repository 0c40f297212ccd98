using Microsoft.Extensions.Hosting;
using Weft.Runs;

namespace Weft.Server;

/// <summary>What the endpoints stand on.</summary>
internal sealed record ServerContext(
    RunsFacade Runs,
    ThreadsFacade Threads,
    AssistantDirectory Assistants,
    ItemsFacade Items,
    RunSpecBuilder Specs,
    WeftServerOptions Options,
    IHostApplicationLifetime Lifetime,
    TimeProvider Time);
