using System.Net;

namespace Weft.Models;

/// <summary>A call of a configured model has failed, after all repetitions. The message never contains the key.</summary>
public sealed class ModelCallException : Exception
{
    internal ModelCallException(string model, string message, HttpStatusCode? status = null, Exception? inner = null)
        : base(message, inner)
    {
        Model = model;
        Status = status;
    }

    /// <summary>The name under which the model is configured.</summary>
    public string Model { get; }

    /// <summary>The status that the provider answered; null if it did not answer, or if its answer ended too early.</summary>
    public HttpStatusCode? Status { get; }
}
