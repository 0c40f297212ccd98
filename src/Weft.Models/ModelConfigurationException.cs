namespace Weft.Models;

/// <summary>The configuration of a model is wrong. The message is one line and names the setting; it never contains a key.</summary>
public sealed class ModelConfigurationException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ModelConfigurationException(string message)
        : base(message)
    {
    }
}
