using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Access;

/// <summary>Tells with each answer which operations of storage the request has asked for, in their order.</summary>
internal static class RecordedStores
{
    public const string Header = "x-operations";

    private static readonly AsyncLocal<List<string>?> Operations = new();

    /// <summary>Notes an operation that the request of this flow asks for.</summary>
    public static void Add(string operation)
    {
        if (Operations.Value is { } operations)
        {
            lock (operations)
            {
                operations.Add(operation);
            }
        }
    }

    /// <summary>Puts a recorder before each store. The stores have been added.</summary>
    public static void AddTo(IServiceCollection services)
    {
        foreach (var store in services.Where(IsStore).ToList())
        {
            services.Remove(store);
            services.AddSingleton(store.ServiceType, provider => StoreRecorder.Of(store.ServiceType, Create(provider, store)));
        }
    }

    /// <summary>Adds the header to the answers.</summary>
    public static void Use(WebApplication app) => app.Use(static async (http, next) =>
    {
        var operations = new List<string>();
        Operations.Value = operations;
        http.Response.OnStarting(() =>
        {
            lock (operations)
            {
                http.Response.Headers[Header] = string.Join(' ', operations);
            }

            return Task.CompletedTask;
        });
        await next(http);
    });

    private static bool IsStore(ServiceDescriptor service) => !service.IsKeyedService
        && service.ServiceType.IsInterface && service.ServiceType.Namespace == "Weft.Runs"
        && service.ServiceType.Name.EndsWith("Store", StringComparison.Ordinal);

    private static object Create(IServiceProvider provider, ServiceDescriptor store) =>
        store.ImplementationInstance
        ?? store.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, store.ImplementationType!);
}
