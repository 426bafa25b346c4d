using FerroLB.Core.Nodes;

namespace FerroLB.Lab.Cluster;

/// <summary>The process at the near end of an <see cref="ApiLine"/>.</summary>
public interface IApiReader
{
    /// <summary>The API server has something for it.</summary>
    void Receive(NodeInput input);
}
